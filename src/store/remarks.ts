/** What `status` says for a while about the monitor's own decisions, such as servers that it parted; in the table `monitor`. */
import type { Db } from './schema.ts'
import { REMARK } from './status.ts'

export interface Remark {
  /** Milliseconds. */
  at: number
  text: string
}

/** @param key what it is about: of several about one thing the newest counts */
export async function addRemark(tx: Db, key: string, remark: Remark): Promise<void> {
  const value = JSON.stringify(remark)
  await tx
    .insertInto('monitor')
    .values({ key: `${REMARK}${key}`, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}
