/** A live line on a terminal: what is running, how far, and how long it will still take. Elsewhere a line every ten seconds. */
export function progressLine(stream: NodeJS.WriteStream = process.stderr): {
  update(done: number, total: number, what: string, leftMs?: number): void
  clear(): void
} {
  const started = Date.now()
  let last = 0
  return {
    update(done, total, what, leftMs) {
      const now = Date.now()
      if (!stream.isTTY && now - last < 10_000) return
      last = now
      const estimate = leftMs ?? (done === 0 ? undefined : ((now - started) / done) * (total - done))
      const left = estimate === undefined ? '' : `, ${duration(estimate)} left`
      const text = `${done}/${total}${left}  ${what}`
      stream.write(stream.isTTY ? `\r\x1b[K${text.slice(0, (stream.columns ?? 100) - 1)}` : `${text}\n`)
    },
    clear() {
      if (stream.isTTY) stream.write('\r\x1b[K')
    },
  }
}

export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
