import { ConfigurationError } from "@/lib/env";

/** Errors of the file system that an operator can fix. */
const FILE_FAULTS: Readonly<Record<string, string>> = {
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
};

/**
 * Returns one sentence for a failure that the operator can fix, such as a wrong variable, a port in use or a read-only
 * folder. Returns any other error as it is, because it is a bug and its stack is needed.
 */
export function explainFailure(error: unknown): unknown {
  if (error instanceof ConfigurationError) return error.message;
  const { code = "", syscall, path } = (error ?? {}) as NodeJS.ErrnoException;
  if (syscall === "listen") {
    const { PORT } = process.env;
    if (code === "EADDRINUSE") return `Port ${PORT} is in use by another program. Set PORT to a free port.`;
    if (code === "EACCES") return `This user may not open port ${PORT}. Set PORT to a port above 1023.`;
  }
  const fault = FILE_FAULTS[code];
  return fault !== undefined && path !== undefined ? `Cannot write ${path}: ${fault}.` : error;
}
