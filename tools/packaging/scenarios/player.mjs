// Makes seeded calls on a package's objects and writes down what they answer, so that two builds of one package can be compared.

/** Uniform integers below `n` from a seed (mulberry32). */
function randomFrom(seed) {
  let state = seed
  return (n) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n)
  }
}

function show(value) {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'function'
  if (typeof value === 'symbol' || value === undefined) return String(value)
  if (Array.isArray(value)) return `[${value.map(show).join(' ')}]`
  if (value instanceof Error) return `${value.name} ${value.code} ${value.iova} ${value.last} ${value.done}: ${value.message}`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const isPlain = Object.getPrototypeOf(value) === Object.prototype
  return isPlain ? `{${Object.entries(value).map(([name, each]) => `${name}: ${show(each)}`)}}` : value.constructor.name
}

export class Player {
  /** One line for each call: what was called and what came of it. */
  log = []
  /** `Class.member` of all that was called, read or written. */
  tried = new Set()
  #random

  constructor(seed) {
    this.#random = randomFrom(seed)
  }

  below(n) {
    return this.#random(n)
  }

  pick(list) {
    return list[this.#random(list.length)]
  }

  /** Calls `object[member]`, or the class itself when there is no member; the result, or undefined when it threw. */
  call(object, member, ...args) {
    return this.#note(object, member, args, () => (member === 'new' ? new object(...args) : object[member](...args)))
  }

  read(object, member) {
    return this.#note(object, member, [], () => object[member])
  }

  write(object, member, value) {
    this.#note(object, member, [value], () => {
      object[member] = value
    })
  }

  #note(object, member, args, act) {
    const name = `${typeof object === 'function' ? object.name : object.constructor.name}.${String(member)}`
    this.tried.add(name)
    let result
    let shown
    try {
      result = act()
      shown = show(result)
    } catch (error) {
      shown = `throws ${show(error)}`
    }
    this.log.push(`${name}(${args.map(show).join(', ')}) ${shown}`)
    return result
  }
}
