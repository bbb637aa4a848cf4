/** The names that an object schema knows, where `path` leads; empty where it is not an object schema. */
export function knownKeys(schema: unknown, path: readonly PropertyKey[]): readonly string[] {
  let found = inner(schema)
  for (const step of path) found = inner(below(found, step))
  const shape = get(found, 'shape')
  return typeof shape === 'object' && shape !== null ? Object.keys(shape) : []
}

/** Paths of names that the schema would silently drop: a typing mistake in a nested optional name. */
export function droppedKeys(schema: unknown, value: unknown, path: readonly PropertyKey[] = []): readonly (readonly PropertyKey[])[] {
  const found = inner(schema)
  if (Array.isArray(value)) return value.flatMap((item, index) => droppedKeys(below(found, index), item, [...path, index]))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return []
  const shape = get(found, 'shape')
  const strips = typeof shape === 'object' && shape !== null && get(get(found, 'def'), 'catchall') === undefined
  return Object.entries(value).flatMap(([key, item]) => {
    if (strips && !Object.hasOwn(shape, key)) return [[...path, key]]
    return droppedKeys(below(found, key), item, [...path, key])
  })
}

/** The values that tell the branches of a discriminated union apart; empty where `path` does not lead to one's discriminator. */
export function branchNames(schema: unknown, path: readonly PropertyKey[]): readonly string[] {
  const key = path.at(-1)
  let found = inner(schema)
  for (const step of path.slice(0, -1)) found = inner(below(found, step))
  const options = get(get(found, 'def'), 'options')
  if (key === undefined || !Array.isArray(options)) return []
  return options.flatMap(option => {
    const values = get(get(inner(below(inner(option), key)), 'def'), 'values')
    return Array.isArray(values) ? values.map(String) : []
  })
}

/** The format a text schema asks for (`ipv4`), before any value was given. */
export function formatOf(schema: unknown): string | undefined {
  const format = get(get(inner(schema), 'def'), 'format')
  return typeof format === 'string' ? format : undefined
}

/** A schema without what zod wraps around it: optional, default, nullable, readonly, catch, and the input side of a pipe. */
function inner(schema: unknown): unknown {
  let found = schema
  for (let layers = 0; layers < 20; layers += 1) {
    const def = get(found, 'def')
    const type = get(def, 'type')
    const next = type === 'lazy' ? call(get(def, 'getter')) : (get(def, 'innerType') ?? (type === 'pipe' ? get(def, 'in') : undefined))
    if (next === undefined) return found
    found = next
  }
  return found
}

function below(schema: unknown, step: PropertyKey): unknown {
  const def = get(schema, 'def')
  if (get(def, 'type') === 'array') return get(def, 'element')
  if (get(def, 'type') === 'record') return get(def, 'valueType')
  return get(get(schema, 'shape'), step)
}

/** Schemas are looked into as data: zod itself stays unloaded here. */
function get(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null && key in value ? Reflect.get(value, key) : undefined
}

function call(getter: unknown): unknown {
  return typeof getter === 'function' ? Reflect.apply(getter, undefined, []) : undefined
}
