/** A simulated fleet that answers on loopback, known to a new database with its passwords: what the demo begins with. */
import { join } from 'node:path'
import { openSecrets } from '../../src/settings/secrets.ts'
import { openStore } from '../../src/store/index.ts'
import { demoFleet, type Fleet } from './duplicati/fleet.ts'

export interface FleetDatabase extends AsyncDisposable {
  fleet: Fleet
  file: string
  configFile: string
}

export async function fleetDatabase(folder: string, now = new Date()): Promise<FleetDatabase> {
  const fleet = await demoFleet(now)
  const file = join(folder, 'fleet.db')
  const secrets = openSecrets({ env: {}, configDir: folder })
  const store = await openStore({ file, mode: 'write' })
  for (const { url, password, name } of fleet.servers) {
    const { id } = await store.servers.add({ url, alias: name })
    const [access] = await store.servers.access([id])
    const owner = `${access?.secretOwner}:password`
    await store.servers.setSecrets(id, { password: secrets.seal(password, owner) })
  }
  await store.close()
  return { fleet, file, configFile: join(folder, 'config.json'), [Symbol.asyncDispose]: () => fleet.close() }
}
