import { readFile } from 'node:fs/promises'
import process from 'node:process'
import { text } from 'node:stream/consumers'

/** @returns what a file has that an argument names, `-` being what is piped in @throws what the system says of it */
export const readGiven = (file: string): Promise<string> => file === '-'
  ? text(process.stdin)
  : readFile(file, 'utf8')
