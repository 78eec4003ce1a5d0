// node test/bench/seed.ts FILE SERVERS RUNS: a database of SERVERS × 10 jobs with RUNS each.
import { seed } from '../support/seed.ts'

const [file = '', servers = '1', runsPerJob = '1'] = process.argv.slice(2)
await seed(file, { servers: Number(servers), jobsPerServer: 10, runsPerJob: Number(runsPerJob), now: new Date() })
