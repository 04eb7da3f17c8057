import { ENGINE_CONTROL } from '../../shared/engine'
import type { CdpClient } from '../cdp/client'
import type { CallFrame, Evaluation, RemoteObject } from '../cdp/protocol'

/** Values of one stop are released together. */
export const OBJECT_GROUP = 'stop'

/** The value, or an Error with the first line of what the script threw. */
export function valueOf({ result, exceptionDetails }: Evaluation): RemoteObject {
  if (!exceptionDetails) return result
  throw new Error((exceptionDetails.exception?.description ?? exceptionDetails.text).split('\n')[0])
}

/** While a debugger looks, nothing stops and no touch of memory is put down to the driver. */
export async function lookingOnly<T>(cdp: CdpClient, work: () => Promise<T>): Promise<T> {
  const mute = (muted: boolean): Promise<unknown> =>
    cdp.send('Runtime.evaluate', { expression: `${ENGINE_CONTROL}.mute(${muted})`, silent: true })
  await mute(true)
  try {
    return await withoutPauses(cdp, work)
  } finally {
    await mute(false)
  }
}

/** Breakpoints in what an evaluation calls are not for it. */
export async function withoutPauses<T>(cdp: CdpClient, work: () => Promise<T>): Promise<T> {
  await cdp.send('Debugger.setSkipAllPauses', { skip: true })
  try {
    return await work()
  } finally {
    await cdp.send('Debugger.setSkipAllPauses', { skip: false })
  }
}

/** Evaluates in a frame; `pure`: what has side effects is refused. Rejects with the script's own message. */
export async function evaluateIn(
  cdp: CdpClient,
  frame: CallFrame,
  expression: string,
  pure = false,
): Promise<RemoteObject> {
  const evaluation = await cdp.send('Debugger.evaluateOnCallFrame', {
    callFrameId: frame.callFrameId,
    expression,
    objectGroup: OBJECT_GROUP,
    generatePreview: true,
    throwOnSideEffect: pure,
    silent: true,
  })
  return valueOf(evaluation)
}
