import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";

/** Result of one part of a measurement, for output and report. */
export type Section = {
  readonly title: string;
  /** One or two sentences about the procedure. */
  readonly about: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly notes?: readonly string[];
};

/**
 * Returns the median.
 *
 * @throws {RangeError} when there are no values
 */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  if (low === undefined || high === undefined) throw new RangeError("no values");
  return (low + high) / 2;
}

/** Returns the ratio of a value to `base` as text: two decimals, or one from 10 on. */
export function ratioText(value: number, base: number): string {
  const ratio = value / base;
  return `${ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(1)} ×`;
}

export function durationText(ms: number): string {
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(ms >= 10_000 ? 1 : 2)} s`;
  if (ms >= 100) return `${Math.round(ms)} ms`;
  return ms >= 1 ? `${ms.toFixed(1)} ms` : `${(ms * 1_000).toFixed(1)} µs`;
}

/** Formats bytes in units of 1,000. */
export const kilobytesText = (bytes: number): string => `${(bytes / 1_000).toFixed(1)} kB`;

export const megabytesText = (bytes: number): string => `${Math.round(bytes / 1_000_000)} MB`;

/** Returns a Markdown table with aligned columns, readable as plain text. */
export function toTable(head: Section["head"], rows: Section["rows"]): string {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width)).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/** Describes this machine without names or paths. */
export function machineText(postgresVersion?: string): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  const machine = `${availableParallelism()} cores, ${memory} GiB of memory, Node ${process.versions.node}`;
  return postgresVersion === undefined ? machine : `${machine}, PostgreSQL ${postgresVersion}`;
}

/** Returns git's name of the commit, with `+` if the tree has changes. */
export function commitText(): string {
  try {
    const names = ["describe", "--always", "--abbrev=7", "--dirty=+", "--exclude=*"];
    return execFileSync("git", names, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "unknown";
  }
}

/** Origin of a section. */
export type Made = {
  readonly at: Date;
  readonly command: string;
  readonly commit: string;
  readonly machine: string;
};

export function sectionText(
  { about, head, rows, notes = [] }: Omit<Section, "title">,
  { at, command, commit, machine }: Made,
): string {
  const day = at.toISOString().slice(0, 10);
  const notesText = notes.map((note) => `- ${note}`).join("\n");
  const parts = [
    `\`${command}\`, ${day}, commit ${commit}, ${machine}.`,
    about,
    toTable(head, rows),
    notesText,
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

/**
 * Replaces sections of a report. Existing sections keep their place, new ones come last, and the preface stays.
 *
 * @param report Markdown with a `## ` heading above each section; only a preface for a new report
 */
export function replaceSections(report: string, sections: ReadonlyMap<string, string>): string {
  const [preface = "", ...parts] = report.split(/^## /m);
  const texts = new Map(
    parts.map((part) => {
      const end = part.indexOf("\n");
      return [part.slice(0, end).trim(), part.slice(end + 1).trim()] as const;
    }),
  );
  for (const [title, text] of sections) texts.set(title, text);
  const written = [...texts].map(([title, text]) => `## ${title}\n\n${text}\n`);
  return [`${preface.trim()}\n`, ...written].join("\n");
}

/** Returns the report, or the preface if there is no report. */
export function readReport(path: string, preface: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return preface;
  }
}
