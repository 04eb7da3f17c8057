import type { DebugProtocol } from '@vscode/debugprotocol'
import type { CdpClient } from '../cdp/client'
import type { CallFrame, RemoteObject } from '../cdp/protocol'
import { DapError } from './connection'
import { evaluateIn, lookingOnly, valueOf, withoutPauses } from './evaluation'
import { OWN_PREFIX, showValue } from './values'

const SHOWN_SCOPES: Readonly<Record<string, string>> = {
  local: 'Local',
  block: 'Block',
  closure: 'Module',
  catch: 'Exception',
}

interface ScopeReference {
  readonly kind: 'scope'
  readonly frame: CallFrame
  readonly scopeNumber: number
  readonly objectId: string
}
interface ObjectReference {
  readonly kind: 'object'
  readonly objectId: string
}

/** Reads an object member by member, its class's accessors included, so that views show their fields. */
const READ_MEMBERS = `function () {
  const members = {}
  for (const name in this) { try { members[name] = this[name] } catch (error) { members[name] = error } }
  return members
}`

/** The first elements as text: bytes as a dump has them. */
const TELL_ELEMENTS = `function () {
  const most = 16
  const bytes = !Array.isArray(this)
  const shown = []
  for (let i = 0; i < this.length && i < most; i++)
    shown.push(bytes ? this[i].toString(16).padStart(2, '0') : String(this[i]))
  const rest = this.length > most ? (bytes ? ' …' : ', …') : ''
  return bytes ? shown.join(' ') + rest : '[' + shown.join(', ') + rest + ']'
}`

/** Scopes and values of a stopped machine by DAP's references; all of them end when it goes on. */
export class VariableStore {
  readonly #cdp: CdpClient
  readonly #references = new Map<number, ScopeReference | ObjectReference>()
  #next = 0
  readonly #hidden: ReadonlySet<string>
  /** `hidden`: names that are no variables of the driver. */
  constructor(cdp: CdpClient, hidden: ReadonlySet<string>) {
    this.#cdp = cdp
    this.#hidden = hidden
  }

  clear(): void {
    this.#references.clear()
  }
  #refer(reference: ScopeReference | ObjectReference): number {
    this.#references.set(++this.#next, reference)
    return this.#next
  }

  /** Scopes without our own names and without those that have nothing left then. */
  async scopes(frame: CallFrame): Promise<DebugProtocol.Scope[]> {
    const scopes: DebugProtocol.Scope[] = []
    for (const [scopeNumber, scope] of frame.scopeChain.entries()) {
      const name = SHOWN_SCOPES[scope.type]
      if (!name || !scope.object.objectId) continue
      const reference: ScopeReference = { kind: 'scope', frame, scopeNumber, objectId: scope.object.objectId }
      if ((await this.#members(reference)).length === 0) continue
      scopes.push({
        name,
        variablesReference: this.#refer(reference),
        expensive: false,
        ...(scope.type === 'local' && { presentationHint: 'locals' }),
      })
    }
    return scopes
  }

  async variables(reference: number): Promise<DebugProtocol.Variable[]> {
    const target = this.#references.get(reference)
    if (!target) throw new DapError('this value is from an earlier stop')
    const members = await this.#members(target)
    return Promise.all(members.map(async ([name, object]) => this.variable(name, await this.readable(object))))
  }
  /** The same object with words that say what is in it: byte views and arrays of a struct are proxies to V8. */
  async readable(object: RemoteObject): Promise<RemoteObject> {
    const { objectId } = object
    if (object.subtype !== 'proxy' || objectId === undefined) return object
    const { result } = await lookingOnly(this.#cdp, () =>
      this.#cdp.send('Runtime.callFunctionOn', {
        objectId,
        functionDeclaration: TELL_ELEMENTS,
        returnByValue: true,
        silent: true,
      }),
    )
    return typeof result.value === 'string' ? { ...object, description: result.value, className: 'Array' } : object
  }
  variable(name: string, object: RemoteObject): DebugProtocol.Variable {
    const expandable = object.type === 'object' && object.subtype !== 'null' && object.objectId !== undefined
    return {
      name,
      ...showValue(object),
      variablesReference: expandable ? this.#refer({ kind: 'object', objectId: object.objectId! }) : 0,
    }
  }

  async #members(target: ScopeReference | ObjectReference): Promise<[string, RemoteObject][]> {
    const objectId = target.kind === 'scope' ? target.objectId : await this.#readMembers(target.objectId)
    const { result } = await this.#cdp.send('Runtime.getProperties', {
      objectId,
      ownProperties: true,
      generatePreview: true,
    })
    // The compartment's globals are a scope of their own; they are the language, not the driver.
    if (target.kind === 'scope' && result.some(({ name }) => name === 'globalThis' || name === 'Infinity')) return []
    const isOurs = (name: string): boolean =>
      name.startsWith(OWN_PREFIX) || (target.kind === 'scope' && (name === 'arguments' || this.#hidden.has(name)))
    return result.flatMap(({ name, value }): [string, RemoteObject][] =>
      value === undefined || name === '__proto__' || isOurs(name) ? [] : [[name, value]],
    )
  }
  #readMembers(objectId: string): Promise<string> {
    return lookingOnly(this.#cdp, async () => {
      const { result } = await this.#cdp.send('Runtime.callFunctionOn', {
        objectId,
        functionDeclaration: READ_MEMBERS,
        silent: true,
      })
      return result.objectId ?? objectId
    })
  }

  /** Gives a variable of a scope or a member of an object a new value, an expression of the frame. */
  async setVariable(
    reference: number,
    name: string,
    expression: string,
    top: CallFrame,
  ): Promise<DebugProtocol.Variable> {
    const target = this.#references.get(reference)
    if (!target) throw new DapError('this value is from an earlier stop')
    const frame = target.kind === 'scope' ? target.frame : top
    const value = await withoutPauses(this.#cdp, () => evaluateIn(this.#cdp, frame, expression))
    const argument = value.objectId
      ? { objectId: value.objectId }
      : value.unserializableValue
        ? { unserializableValue: value.unserializableValue }
        : { value: value.value }
    if (target.kind === 'scope')
      await this.#cdp.send('Debugger.setVariableValue', {
        scopeNumber: target.scopeNumber,
        variableName: name,
        newValue: argument,
        callFrameId: frame.callFrameId,
      })
    else
      valueOf(
        await this.#cdp.send('Runtime.callFunctionOn', {
          objectId: target.objectId,
          functionDeclaration: 'function (name, value) { this[name] = value }',
          arguments: [{ value: name }, argument],
          silent: true,
        }),
      )
    return this.variable(name, value)
  }
}
