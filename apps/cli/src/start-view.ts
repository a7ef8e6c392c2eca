import { replayCommand } from './replay-command.ts'
import { showCommand } from './show-command.ts'
import { exitCode, type Streams } from './streams.ts'

/**
 * Replays the bundled recordings with progress, prints the families and the summary, and shows one script. Takes no arguments: what is given is
 * refused by name. Returns the exit code.
 */
export async function start(argv: readonly string[], streams: Streams): Promise<number> {
  if (argv.length > 0) {
    streams.stderr.write(
      `npm start takes no arguments, and was given '${argv.join(' ')}'; the command line is apps/cli/dist/bin.js, see --help\n`,
    )
    return exitCode.refused
  }
  streams.stdout.write('Replaying what a real Linux 6.12 kernel answered, through the binary ioctl of /dev/iommu:\n\n')
  const code = await replayCommand([], { show: 5, quiet: false }, streams)
  if (code === exitCode.refused) return code
  streams.stdout.write('\nOne of these scripts, and what it does to an IOVA space and to the pins on the memory behind it:\n\n')
  const shown = await showCommand(undefined, [], streams)
  return shown === exitCode.same ? code : shown
}
