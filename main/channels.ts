/** The only two IPC channels: requests of the page with their answers, and events for it (RpcEnvelope both ways). */
export const REQUEST_CHANNEL = 'workbench:request'
export const EVENT_CHANNEL = 'workbench:event'
