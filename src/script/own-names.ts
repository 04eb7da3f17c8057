/** Names that the loader gives to what it passes into a module; they are hidden from people in the debugger ($ndis prefix). */
export const OWN = {
  interface: '$ndis',
  site: '$ndisSite',
  mark: '$ndisMark',
  link: '$ndisLink',
  exports: '$ndisExports',
  follow: '$ndisFollow',
  changed: '$ndisChanged',
  rebind: '$ndisRebind',
  hit: '$ndisHit',
  log: '$ndisLog',
  halt: '$ndisHalt',
} as const
