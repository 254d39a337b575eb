/** Ends the task that runs: between long steps of a start the browser paints, and hears whoever reads. */
export const breathe = (): Promise<void> => new Promise(resolve => setTimeout(resolve))
