#!/usr/bin/env node
// Runs the program from its sources (Node 24 strips the types itself), without a build.
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { main } from '../src/cli/main.ts'

process.env.NODE_ENV ??= 'development'
await main(process.argv.slice(2), dirname(dirname(fileURLToPath(import.meta.url))), { fromSources: true })
