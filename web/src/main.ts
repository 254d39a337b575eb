import { breathe } from './utils/breathe.ts'
import '@fontsource-variable/inter/wght.css'
import './main.css'

// What both apps stand on has been made by now; what is this one's is made in a task of its own. Its file is asked for with the page (startWithThePage).
void breathe().then(() => import('./start.ts'))
