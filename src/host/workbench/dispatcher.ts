import type { RpcEnvelope, RpcMethod, RpcRequests } from '../../shared/rpc'
import { envelopeSchema, isRpcMethod, requestSchemas } from '../../shared/rpc-schema'
import { RpcError } from '../rpc-error'

export type Handlers = {
  readonly [M in RpcMethod]: (params: RpcRequests[M]['params']) => Promise<RpcRequests[M]['result']>
}

/** The id of an answer to something that has none. */
const NO_ID = -1

/**
 * Answers one message of a front end, whatever it is.
 *
 * @param onFault told of errors that are our own, for the log.
 * @returns a response or a failure; never rejects.
 */
export async function dispatch(
  handlers: Handlers,
  envelope: unknown,
  onFault: (error: unknown) => void,
): Promise<RpcEnvelope> {
  const request = envelopeSchema.safeParse(envelope)
  if (!request.success) return failure(idOf(envelope), new RpcError('bad-request', 'This is not a request.'))
  const { id, method, params } = request.data
  try {
    if (!isRpcMethod(method)) throw new RpcError('unknown-method', `There is no request '${method}'.`)
    return { kind: 'response', id, result: await call(handlers, method, params) }
  } catch (error) {
    if (error instanceof RpcError) return failure(id, error)
    onFault(error)
    const message = `The workbench failed to answer '${method}'. This is a fault of its own; please report it.`
    return failure(id, new RpcError('internal', message))
  }
}

async function call<M extends RpcMethod>(handlers: Handlers, method: M, params: unknown) {
  const checked = requestSchemas[method].safeParse(params)
  if (!checked.success) {
    const [issue] = checked.error.issues
    const where = issue?.path.join('.') ?? ''
    throw new RpcError(
      'bad-request',
      `'${method}' was sent wrong parameters: ${where ? `${where}: ` : ''}${issue?.message}`,
    )
  }
  // The schema's type equals the map's (checked in rpc-schema.ts), which TypeScript cannot follow for a generic method.
  return handlers[method](checked.data as RpcRequests[M]['params'])
}

function idOf(envelope: unknown): number {
  const id = typeof envelope === 'object' && envelope !== null && 'id' in envelope ? envelope.id : undefined
  return Number.isSafeInteger(id) ? (id as number) : NO_ID
}

function failure(id: number, { code, message }: RpcError): RpcEnvelope {
  return { kind: 'failure', id, code, message }
}
