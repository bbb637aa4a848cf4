import { parseAllDocuments } from 'yaml'
import { z } from 'ts-play'

type Json = z.output<ReturnType<typeof z.json>>
/** An object of Kubernetes, or any part of one that has fields. */
export interface Fields {
  readonly [key: string]: Json
}

const object = z.record(z.string(), z.json())

/** The objects of somebody else's manifest, lists of them opened. @throws Error that says where it is no YAML or no manifest */
export function parseManifest(text: string): readonly Fields[] {
  // As Kubernetes reads it: in YAML 1.1 a mode of 0644 is octal. Dates stay text, as JSON has none.
  const documents = parseAllDocuments(text, { version: '1.1', customTags: tags => tags.filter(tag => typeof tag === 'string' || tag.tag !== 'tag:yaml.org,2002:timestamp') })
  return [...documents].flatMap((document, index) => {
    const [problem] = document.errors
    if (problem !== undefined) throw new Error(`the manifest is no YAML: ${problem.message}`)
    const content: unknown = document.toJS()
    if (content === null || content === undefined) return []
    const parsed = object.safeParse(content)
    if (!parsed.success || typeof parsed.data['kind'] !== 'string') throw new Error(`document ${index + 1} of the manifest is no object of Kubernetes: it has no kind`)
    const { items } = parsed.data
    return parsed.data['kind'] === 'List' && Array.isArray(items) ? items.filter(isFields) : [parsed.data]
  })
}

/** The value at the end of this path; `undefined` where there is none. */
export function at(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((found, key) => (isFields(found) ? found[key] : undefined), value)
}

/** The text there; '' where there is none. */
export function textAt(value: Json | undefined, ...path: readonly string[]): string {
  const found = at(value, ...path)
  return typeof found === 'string' ? found : ''
}

export function isObject(object: Fields, kind: string, name: string): boolean {
  return object['kind'] === kind && at(object, 'metadata', 'name') === name
}

/** The same with fields added or replaced where the path leads; whatever is missing on the way is made. */
export function withFields(value: Fields, path: readonly string[], fields: Fields): Fields {
  const [key, ...rest] = path
  if (key === undefined) return { ...value, ...fields }
  const inside = value[key]
  return { ...value, [key]: withFields(isFields(inside) ? inside : {}, rest, fields) }
}

/** The same with these environment variables in its containers, and in its init containers. */
export function withEnvironment(workload: Fields, variables: Readonly<Record<string, string>>, containers: (name: string) => boolean = () => true): Fields {
  const changed = (list: Json | undefined): Json => (Array.isArray(list) ? list.map(each => (isFields(each) && containers(textAt(each, 'name')) ? inContainer(each, variables) : each)) : [])
  const spec = at(workload, 'spec', 'template', 'spec')
  const fields = Object.fromEntries(['initContainers', 'containers'].filter(key => at(spec, key) !== undefined).map(key => [key, changed(at(spec, key))]))
  return withFields(workload, ['spec', 'template', 'spec'], fields)
}

function inContainer(container: Fields, variables: Readonly<Record<string, string>>): Fields {
  const { env } = container
  const others = (Array.isArray(env) ? env : []).filter(each => !(isFields(each) && typeof each['name'] === 'string' && Object.hasOwn(variables, each['name'])))
  return { ...container, env: [...others, ...Object.entries(variables).map(([name, value]) => ({ name, value }))] }
}

/** Images of its containers without an exact version: whatever they are today is not what they are tomorrow. */
export function looseImages(objects: readonly Fields[]): readonly string[] {
  const images = objects.flatMap(object => ['initContainers', 'containers'].flatMap(key => {
    const list = at(object, 'spec', 'template', 'spec', key)
    return Array.isArray(list) ? list.map(each => textAt(each, 'image')) : []
  }))
  return [...new Set(images)].filter(image => !/@sha256:[0-9a-f]{64}$|:(?!latest$|master$|main$)[\w][\w.-]*$/.test(image))
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
