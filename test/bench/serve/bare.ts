// What the receiver is measured against: fastify that only parses the same bodies and answers. Prints its port.
import fastify from 'fastify'

const app = fastify({ bodyLimit: 64 * 1024 * 1024 })
app.post('/api/upload', async (request) => ({ success: typeof request.body === 'object' }))
await app.listen({ host: '127.0.0.1', port: 0 })
const address = app.server.address()
process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`)
process.stdin.resume().on('end', () => process.exit(0))
