import { breathe } from '../utils/breathe.ts'
import './visitor.css'

// As in ../main.ts.
void breathe().then(() => import('./start.ts'))
