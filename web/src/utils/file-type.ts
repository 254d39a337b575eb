export interface FileType {
  icon: string
  /** Tailwind classes, readable on light and dark. */
  tint: string
}

const types = {
  folder: { icon: 'i-lucide-folder', tint: 'text-primary' },
  image: { icon: 'i-lucide-file-image', tint: 'text-violet-600 dark:text-violet-400' },
  video: { icon: 'i-lucide-file-video-camera', tint: 'text-fuchsia-600 dark:text-fuchsia-400' },
  audio: { icon: 'i-lucide-file-music', tint: 'text-pink-600 dark:text-pink-400' },
  pdf: { icon: 'i-lucide-file-text', tint: 'text-red-600 dark:text-red-400' },
  sheet: { icon: 'i-lucide-file-spreadsheet', tint: 'text-emerald-600 dark:text-emerald-400' },
  slides: { icon: 'i-lucide-file-chart-pie', tint: 'text-orange-600 dark:text-orange-400' },
  document: { icon: 'i-lucide-file-text', tint: 'text-blue-600 dark:text-blue-400' },
  archive: { icon: 'i-lucide-file-archive', tint: 'text-amber-600 dark:text-amber-400' },
  code: { icon: 'i-lucide-file-code', tint: 'text-sky-600 dark:text-sky-400' },
  text: { icon: 'i-lucide-file-text', tint: 'text-muted' },
  other: { icon: 'i-lucide-file', tint: 'text-muted' },
} as const satisfies Record<string, FileType>

const extensions: Record<string, keyof typeof types> = Object.fromEntries(([
  ['image', 'jpg jpeg png gif webp avif heic heif tif tiff bmp svg psd ai raw cr2 nef'],
  ['video', 'mp4 mov avi mkv webm m4v mpg mpeg'],
  ['audio', 'mp3 wav flac ogg m4a aac opus'],
  ['pdf', 'pdf'],
  ['sheet', 'xls xlsx ods csv tsv numbers'],
  ['slides', 'ppt pptx odp key'],
  ['document', 'doc docx odt rtf pages'],
  ['archive', 'zip 7z rar tar gz tgz bz2 xz zst'],
  ['code', 'js ts vue html css json xml yaml yml py rb go rs c h cpp java sh sql'],
  ['text', 'txt md log'],
] as const).flatMap(([kind, list]) => list.split(' ').map(extension => [extension, kind])))

/** The icon of an item. The name decides (people go by it), then the media type. */
export function fileType(item: { kind?: string, name: string, mediaType?: string | null }): FileType {
  if (item.kind === 'folder') return types.folder
  const extension = /\.([^.]+)$/.exec(item.name)?.[1]?.toLowerCase() ?? ''
  const known = Object.hasOwn(extensions, extension)
    ? extensions[extension]
    : undefined
  if (known) return types[known]
  const family = item.mediaType?.split('/')[0]
  if (item.mediaType === 'application/pdf') return types.pdf
  return family === 'image' || family === 'video' || family === 'audio' || family === 'text'
    ? types[family]
    : types.other
}
