import type { MoveProgress } from './storage-move.service.ts'

const UNITS = [
  'bytes',
  'KiB',
  'MiB',
  'GiB',
  'TiB',
  'PiB',
]

export function formatBytes(bytes: number): string {
  const power = Math.min(bytes < 1024
    ? 0
    : Math.floor(Math.log2(bytes) / 10), UNITS.length - 1)
  return power === 0
    ? formatCount(bytes, 'byte')
    : `${(bytes / 1024 ** power).toFixed(1)} ${UNITS[power]}`
}

export function formatCount(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1
    ? ''
    : 's'}`
}

function formatDuration(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  const [hours, minutes] = [
    Math.floor(seconds / 3600),
    Math.floor(seconds / 60) % 60,
  ]
  if (hours > 0) return `${hours} h ${minutes} min`
  return minutes > 0
    ? `${minutes} min ${seconds % 60} s`
    : `${seconds} s`
}

/** One line: how much is done, how fast, and how long the rest takes at that rate. */
export function formatProgress({ done, total, bytesThisRun, damaged }: Readonly<MoveProgress>, elapsedMs: number): string {
  const rate = bytesThisRun / Math.max(elapsedMs, 1) * 1000
  const left = Math.max(0, total.bytes - done.bytes)
  return [
    `${done.objects.toLocaleString('en')} of ${formatCount(total.objects, 'object')}`,
    `${formatBytes(done.bytes)} of ${formatBytes(total.bytes)}`,
    `${formatBytes(Math.round(rate))}/s`,
    ...left > 0 && rate > 0
      ? [`${formatDuration(left / rate * 1000)} left`]
      : [],
    ...damaged > 0
      ? [`${damaged} damaged`]
      : [],
  ].join(', ')
}
