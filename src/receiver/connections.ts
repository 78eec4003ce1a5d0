import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Connections at once. */
export const MOST_CONNECTIONS = 1_000

/** The connections of a server that ask for nothing now. */
export interface SilentConnections {
  /** Ends them: nothing was accepted on them. A server that closes would wait for those that never asked for anything. */
  end(): void
}

/**
 * Bounds the connections without locking anybody out: when all are taken, the one goes that has been silent longest without having
 * asked for anything. Senders that open connections and say nothing so push out each other, not those who report.
 */
export function boundConnections(server: Server, most = MOST_CONNECTIONS): SilentConnections {
  const silent = new Set<Socket>()
  let open = 0
  server.on('connection', (socket: Socket) => {
    open++
    silent.add(socket)
    socket.once('close', () => {
      open--
      silent.delete(socket)
    })
    if (open <= most) return
    const [oldest] = silent
    oldest?.destroy()
  })
  server.on('request', (request, response) => {
    silent.delete(request.socket)
    // Between two requests a kept connection is silent again.
    response.once('finish', () => {
      if (!request.socket.destroyed) silent.add(request.socket)
    })
  })
  return {
    end() {
      for (const socket of silent) socket.destroy()
    },
  }
}
