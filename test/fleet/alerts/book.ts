import type { AlertKind, OpenAlert, Plan, Transition } from '../../../src/fleet/alerts/types.ts'

/** A line of what people were told. */
export type Told = string

/** Alerts as a store would keep them: applies plans and writes down what is told. */
export class Book {
  open: OpenAlert[] = []
  told: Told[] = []
  #lastId = 0

  apply(plan: Plan, now: number): Told[] {
    const told = plan.transitions.flatMap((one) => this.#change(one, now))
    this.told.push(...told)
    return told
  }

  kinds(): AlertKind[] {
    return this.open.map(({ kind }) => kind).sort()
  }

  #change(change: Transition, now: number): Told[] {
    if (change.type === 'open') {
      const { kind, serverId, jobId, since, data, tell } = change
      if (this.open.some((one) => one.kind === kind && one.jobId === jobId && one.serverId === serverId)) {
        throw new Error(`${kind} of ${jobId ?? serverId} is open already`)
      }
      this.#lastId += 1
      const fresh = {
        id: this.#lastId,
        kind,
        serverId,
        jobId,
        since,
        data,
        openedAt: now,
        remindedAt: null,
        reminders: 0,
      }
      this.open.push(structuredClone(fresh))
      return tell ? [`${kind} ${jobId ?? serverId}`] : []
    }
    const at = this.open.findIndex(({ id }) => id === change.alert.id)
    const alert = this.open[at]
    if (!alert) throw new Error(`alert ${change.alert.id} is not open`)
    const name = `${alert.kind} ${alert.jobId ?? alert.serverId}`
    if (change.type === 'resolve') {
      this.open.splice(at, 1)
      const counts = `missed ${change.missedRuns}, failed ${change.failedRuns}`
      return change.tell ? [`${name} over, ${counts}`] : []
    }
    this.open[at] = { ...alert, data: structuredClone(change.data) }
    if (change.type === 'update') return []
    if (change.reminders <= alert.reminders) throw new Error(`reminder ${change.reminders} of ${name} was told before`)
    Object.assign(this.open[at] ?? {}, {
      since: change.since,
      remindedAt: change.remindedAt,
      reminders: change.reminders,
    })
    return [`${name} ${change.again ? 'again' : 'still'}`]
  }
}
