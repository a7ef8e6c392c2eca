/** The page of a profile: no script, no network; frames are nested blocks as wide as their share of time. */
import type { Frame, ProfileSummary } from './profile.ts'

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!)
}

function hue(name: string): number {
  let h = 0
  for (const c of name) h = (h * 31 + c.charCodeAt(0)) % 50
  return h
}

/** Frames below half a percent of the whole are left out; their time stays visible as the parent's own. */
function block(frame: Frame, parentUs: number, wholeUs: number): string {
  if (frame.totalUs < wholeUs * 0.005) return ''
  const share = ((frame.totalUs / wholeUs) * 100).toFixed(1)
  const title = escapeHtml(`${frame.name} ${frame.place}: ${share} % in all, ${((frame.selfUs / wholeUs) * 100).toFixed(1)} % itself`)
  const children = [...frame.children].sort((a, b) => b.totalUs - a.totalUs)
  return (
    `<div class="f" style="width:${((frame.totalUs / parentUs) * 100).toFixed(3)}%"><p title="${title}" style="background:hsl(${20 + hue(frame.name)} 85% 72%)">${escapeHtml(frame.name)}</p>` +
    `<div class="c">${children.map((child) => block(child, frame.totalUs, wholeUs)).join('')}</div></div>`
  )
}

/** One self-contained HTML document. */
export function flamePage(workload: string, summary: ProfileSummary): string {
  const rows = summary.hottest
    .map(
      (hot) =>
        `<tr><td>${(hot.share * 100).toFixed(1)} %</td><td>${(hot.selfUs / 1000).toFixed(1)} ms</td><td>${escapeHtml(hot.name)}</td><td><code>${escapeHtml(hot.place)}</code></td></tr>`,
    )
    .join('')
  const deopts =
    summary.deopts.length === 0
      ? '<p>Nothing was deoptimised.</p>'
      : `<ul>${summary.deopts
          .slice(0, 60)
          .map((d) => `<li><code>${escapeHtml(d)}</code></li>`)
          .join('')}</ul>`
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(workload)}: profile</title>
<style>:root{color-scheme:light dark}body{font:14px/1.4 system-ui;margin:1.5rem;max-width:100rem}.f{display:inline-block;vertical-align:top;box-sizing:border-box}.f p{margin:0;padding:1px 3px;border:1px solid #fff8;color:#222;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;font-size:12px}.c{display:flex;align-items:flex-start}.c .f{flex:none}td{padding:.1rem .8rem .1rem 0}td:nth-child(-n+2){text-align:right;font-variant-numeric:tabular-nums}</style>
<h1>${escapeHtml(workload)}</h1><p>${(summary.totalUs / 1000).toFixed(0)} ms of samples, ${(summary.gcShare * 100).toFixed(1)} % garbage collection, ${summary.deopts.length} deoptimisation lines.</p>
<h2>Flame graph</h2><div class="c">${block(summary.root, summary.root.totalUs, summary.root.totalUs)}</div>
<h2>Hottest functions, by their own time</h2><table>${rows}</table><h2>Deoptimisations</h2>${deopts}</html>
`
}
