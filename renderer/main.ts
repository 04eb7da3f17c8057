import '@vscode/codicons/dist/codicon.css'
import 'virtual:dockview.css'
import './styles/fonts.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/dock.css'
import './styles/editor.css'
import './styles/packets.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { openBridge } from './bridge/bridge'
import { installHost } from './bridge/host'
import { messageOf } from './bridge/rpc-error'
import { prepare } from './start'

async function main(): Promise<void> {
  installHost(openBridge())
  const app = createApp(App)
  app.use(createPinia())
  const started = await prepare()
  app.mount('#app')
  await started()
}

main().catch((error: unknown) => {
  // Nothing of the workbench is there yet to say it in.
  const place = document.getElementById('app')
  if (place) place.textContent = `The workbench could not start: ${messageOf(error)}. Reload the page to try again.`
})
