// Chromium for the browser tests: the one that set-up found or installed, driven by playwright-core.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A headless browser without a connection to anything but what a test opens. IOMMUKIT_CHROMIUM names the program. */
export function launchChromium() {
  return chromium.launch({
    executablePath: process.env.IOMMUKIT_CHROMIUM,
    args: [...quiet, `--crash-dumps-dir=${mkdtempSync(join(tmpdir(), 'iommukit-chromium-'))}`],
  })
}
