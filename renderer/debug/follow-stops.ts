/** What happens around a session: breakpoints go in, output comes out, stops are shown and announced. */
import { useDock } from '../dock/dock'
import { baseName, irqlName } from '../model/format'
import { useBreakpoints } from '../stores/breakpoints'
import { useNotices } from '../stores/notices'
import { useOutput } from '../stores/output'
import { useProblems } from '../stores/problems'
import { selectFrame } from './frames'
import { useSession } from './session'

/** "Stopped: breakpoint, driver.ts line 42, DISPATCH_LEVEL" */
export function stopAnnouncement(): string {
  const { stopInfo, frame, machine } = useSession()
  const where = frame?.source?.path ? `, ${baseName(frame.source.path)} line ${frame.line}` : ''
  return `Stopped: ${stopInfo?.text ?? ''}${where}${machine ? `, ${irqlName(machine.irql)}` : ''}`
}

function stopped(): void {
  const session = useSession()
  useNotices().announce(stopAnnouncement())
  // A stop at a broken rule explains itself.
  if (session.stopInfo?.reason === 'exception' && useProblems().count) useDock().show('problems')
  // The keyboard stays where it is: stepping works from any panel.
  if (session.frame) selectFrame(session.frame, false).catch(useNotices().failed)
}

function ended(): void {
  const { report } = useSession()
  useBreakpoints().forgetVerdicts()
  if (report?.error?.code === 'stopped') return useNotices().announce('The run was stopped')
  useNotices().announce(`The run has ended${report ? `: ${report.outcome}` : ''}`)
  // Without a report there was no run: the reason is in the output.
  useDock().show(!report ? 'output' : useProblems().count ? 'problems' : 'report')
}

export function followStops(): void {
  useSession().install({
    configure: (client) => useBreakpoints().configure(client),
    wire: (client) => useOutput().wire(client),
    stopped,
    ended,
  })
}
