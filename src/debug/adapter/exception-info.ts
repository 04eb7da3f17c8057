import type { DebugProtocol } from '@vscode/debugprotocol'
import type { BugcheckReport, SourceLocation, ViolationReport } from '../../shared/report'
import { DapError } from './connection'
import type { Stop } from './stop'

type Info = DebugProtocol.ExceptionInfoResponse['body']

const line = ({ function: name, file, line: at, column }: SourceLocation): string =>
  `    at ${name || '(module)'} (${file}:${at}:${column})`

function violationInfo(violation: ViolationReport): Info {
  const { rule, message, stack, allocatedAt, freedAt, acquiredAt, related = [] } = violation
  const places = [
    ...(allocatedAt ? ['allocated', line(allocatedAt)] : []),
    ...(freedAt ? ['freed', line(freedAt)] : []),
    ...(acquiredAt ? ['acquired', line(acquiredAt)] : []),
    ...related.flatMap(({ text, place }) => [text, line(place)]),
  ]
  return {
    exceptionId: rule,
    description: message,
    breakMode: 'always',
    details: { message, typeName: rule, stackTrace: [...stack.map(line), ...places].join('\n') },
  }
}

function bugcheckInfo({ code, name, message, parameters, stack }: BugcheckReport): Info {
  const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`
  return {
    exceptionId: name,
    description: `${name} (${hex(code)}): ${message}`,
    breakMode: 'unhandled',
    details: {
      message: `${message} Parameters: ${parameters.map(hex).join(', ')}.`,
      typeName: name,
      stackTrace: stack.map(line).join('\n'),
    },
  }
}

/** What the exception at which the machine stands is about. Throws DapError when it stands at none. */
export function exceptionInfo(
  stop: Stop | undefined,
  violation: ViolationReport | undefined,
  bugcheck: BugcheckReport | undefined,
): Info {
  if (stop?.exception === 'violation' && violation) return violationInfo(violation)
  if (stop?.exception === 'bugcheck' && bugcheck) return bugcheckInfo(bugcheck)
  if (stop?.exception === 'fault')
    return { exceptionId: 'InjectedFault', description: stop.text ?? '', breakMode: 'always' }
  if (stop?.exception !== 'thrown') throw new DapError('the driver is not stopped at an exception')
  const [name = 'Error', ...message] = (stop.text ?? '').split(': ')
  return { exceptionId: name, description: message.join(': '), breakMode: 'unhandled' }
}
