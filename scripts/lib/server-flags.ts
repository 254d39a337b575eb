/**
 * Of Node, for the server. Buffers are what it lives on, and V8 sees little of them: a small young generation is collected often, so that those that died
 * young do not pile up, and loading the modules leaves less behind. The first limit of the old generation leaves the others room (see
 * `countLiveBuffers` in `server/src/commands/process-memory.ts`). With 200 downloads and 50 uploads at once 8 and 128 MiB, V8's own choice being 16 and up,
 * take 200 MiB more and are no faster. `docker/clientshare.sh` has the same, which a test holds.
 */
export const serverFlags = ['--max-semi-space-size=2', '--initial-old-space-size=96']
