/** oclif's knowledge of all commands, in a file of its own so that it loads only where it is asked for. */
export { Config } from '@oclif/core/config'
