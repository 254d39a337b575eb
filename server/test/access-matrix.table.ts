import type { Row } from './access-matrix.row.ts'
import { accountRoutes } from './access-matrix.account.ts'
import { filesRoutes } from './access-matrix.files.ts'
import { frontDoorRoutes } from './access-matrix.front-door.ts'
import { operatorRoutes } from './access-matrix.operator.ts'
import { sharingRoutes } from './access-matrix.sharing.ts'
import { workspaceRoutes } from './access-matrix.workspace.ts'

/** Every route of the server, who may call it, and on what. Read by access-matrix.test.ts. */
export const table: Record<string, Row> = {
  ...operatorRoutes,
  ...frontDoorRoutes,
  ...accountRoutes,
  ...workspaceRoutes,
  ...filesRoutes,
  ...sharingRoutes,
}
