/** oclif's own way to run, for help and version; in a file of its own so that it loads only then. */
export { run } from '@oclif/core/run'
