import { balancerFaults } from './balancers.ts'
import { controlPlaneFaults } from './control-planes.ts'
import { disasters } from './disasters.ts'
import { etcdFaults } from './etcd.ts'
import type { Fault } from './fault.ts'
import { installFaults } from './install.ts'
import { replacements } from './replacements.ts'
import { runFaults } from './runs.ts'

/** In the order in which one cluster endures them: what replaces machines comes late, what replaces data last. */
export const FAULTS: readonly Fault[] = [...installFaults, ...controlPlaneFaults, ...balancerFaults, ...etcdFaults, ...runFaults, ...replacements, ...disasters]
