/** What the rest of the deployment says otherwise than the log. */
export { filesToldWrong, linksCountedWrong, ownersToldWrong } from './audit-agreement.queries.ts'
