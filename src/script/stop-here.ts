/**
 * Stops the worker when a debugger is attached. A script of its own, because V8 ignores `debugger` statements of code that
 * a debugger steps over as foreign, and all the rest of the engine is that. Compiled before the lockdown.
 */
export const stopHere = Function('debugger\n//# sourceURL=ndis-stop:///stop') as () => void
