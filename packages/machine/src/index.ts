export type { IommufdFile } from '@iommukit/iommufd'
export { DescriptorTable } from './descriptor-table.ts'
export { createMachine, Machine, type MachineOptions } from './machine.ts'
export { type Capabilities, MachineProcess, type ProcessOptions } from './machine-process.ts'
