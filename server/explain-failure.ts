import { ConfigurationError } from "@/lib/env";

/** Errors of the file system that a person mends, and what each means. */
const FILE_FAULTS: Readonly<Record<string, string>> = {
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
};

/**
 * Returns one sentence for a failure that the operator can mend (a wrong variable, a taken port, an unwritable folder),
 * or the error itself, which is a bug and keeps its stack.
 */
export function explainFailure(error: unknown): unknown {
  if (error instanceof ConfigurationError) return error.message;
  const { code = "", syscall, path } = (error ?? {}) as NodeJS.ErrnoException;
  if (syscall === "listen") {
    const { PORT } = process.env;
    if (code === "EADDRINUSE") return `Port ${PORT} is taken by another program; set PORT to a free one.`;
    if (code === "EACCES") return `This user may not open port ${PORT}; set PORT to one above 1023.`;
  }
  const fault = FILE_FAULTS[code];
  return fault !== undefined && path !== undefined ? `${path} can't be written: ${fault}.` : error;
}
