import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { replayCommand } from './replay-command.ts'
import { defaultScript, showCommand } from './show-command.ts'
import { exitCode, type Streams } from './streams.ts'

function wholeNumber(text: string): number {
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(Number(text)))
    throw new InvalidArgumentError('It must be a whole number of 0 or more.')
  return Number(text)
}

const replayHelp = `
What it does:
  Recordings hold what a real Linux 6.12 kernel answered. Each script is run against
  the packages of iommukit, and every field of every answer is compared.
    ioctl scripts     through the binary ioctl of /dev/iommu, each twice: with
                      contiguous and with scattered frames behind the user's memory
    other scripts     through the package they are about (interval tree with spans,
                      XArray, IOVA bitmap)
  What a script is about is seen from its lines, not from the file's name or folder.

PATH:
  A file (.jsonl or .jsonl.gz), or a folder, searched through all levels for such
  files. Files named hazards.jsonl in a folder are documentation; they are not
  replayed, and that is said. Without PATH the recordings that come with iommukit.

Output:
  stdout   mismatches (script, operation, arguments, expected, got), a line a family,
           and as last line
             conformance: S scripts, O operations, M mismatches
  stderr   progress: a live line on a terminal, otherwise a line now and then

Exit code:
  0  every answer was the recorded one
  1  at least one answer differed
  2  the command line is wrong, or a file cannot be read, written or understood;
     the message names the file and the line

Examples:
  iommukit replay                                   everything that comes with iommukit
  iommukit replay my-recordings/                    a folder of your own
  iommukit replay a.jsonl b.jsonl.gz --json r.json  two files, the report as data too
`

const showHelp = `
On a terminal of at least 80 columns and 25 rows each operation is drawn in place;
a key skips to the end, Ctrl-C stops. Otherwise only the last picture is printed.

  A…Z, a…z  an area; the same letter: the same pages behind it; small: read-only;
            underlined on a terminal: a software user holds pins in it
  +         several areas in one cell
  ·         hole                        ░  reserved: nothing can be mapped there
  1…9, +    pins on a page of the user's memory; · none; x the page is out of reach

The picture is read from the live objects behind /dev/iommu after each operation.

Examples:
  iommukit show
  iommukit show directed/access/unmap_held
  iommukit show my-script --in my-recordings/
`

function program(streams: Streams, finish: (code: number) => void): Command {
  const root = new Command('iommukit')
    .description('The core of Linux iommufd in userspace: replay recordings of a real kernel.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void streams.stdout.write(text),
      writeErr: (text) => void streams.stderr.write(text),
      getOutHelpWidth: () => Math.min(streams.stdout.columns ?? 80, 100),
      getErrHelpWidth: () => Math.min(streams.stderr.columns ?? 80, 100),
    })
    .showHelpAfterError('(iommukit --help, or iommukit COMMAND --help, tells what there is)')
  root
    .command('replay')
    .description('replay recordings and compare every answer with the kernel’s')
    .argument('[PATH...]', 'files or folders of recordings (default: the bundled ones)')
    .option('--json <FILE>', 'write the report to FILE as JSON too')
    .option('--show <N>', 'print at most N mismatches in full; all are counted', wholeNumber, 20)
    .option('-q, --quiet', 'no progress on stderr', false)
    .addHelpText('after', replayHelp)
    .action(async (paths: string[], options: { json?: string; show: number; quiet: boolean }) =>
      finish(await replayCommand(paths, options, streams)),
    )
  root
    .command('show')
    .description('draw the IOVA space of one ioctl script as its operations change it')
    .argument('[SCRIPT]', 'name of the script', defaultScript)
    .option('--in <PATH...>', 'files or folders to look for it in (default: the bundled recordings)')
    .addHelpText('after', showHelp)
    .action(async (script: string, options: { in?: string[] }) => finish(await showCommand(script, options.in ?? [], streams)))
  return root
}

/** Runs the command line `argv` (without node and the script's name). Resolves to the exit code; writes only to `streams`. */
export async function main(argv: readonly string[], streams: Streams): Promise<number> {
  let code: number = exitCode.same
  const command = program(streams, (result) => {
    code = result
  })
  try {
    await command.parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.same : exitCode.refused
    throw error
  }
}
