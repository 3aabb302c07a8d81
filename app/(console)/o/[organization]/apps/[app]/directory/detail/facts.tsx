"use client";

import { IconChevronRight } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import type { MouseEvent, ReactNode } from "react";
import { CopyButton } from "@/app/_components/feedback/copy-button";
import { DisplayName } from "@/app/_components/text/display-name";
import type { Step } from "@/lib/directory/reader/paths";
import classes from "./detail.module.css";

type FactProps = { readonly name: ReactNode; readonly children: ReactNode };

/** A term and its value in a `<dl>`. */
export const Fact = ({ name, children }: FactProps) => (
  <div className={classes.fact}>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

/** An id with a copy button. */
export const Id = ({ value, label }: { readonly value: string; readonly label: string }) => (
  <span className={classes.id}>
    <code>{value}</code>
    <CopyButton value={value} label={label} />
  </span>
);

type LinkProps = {
  /** Query of the link's address, such as `node=1`. */
  readonly query: string;
  readonly onOpen: () => void;
  readonly className?: string | undefined;
  readonly children: ReactNode;
};

/** A link that opens an entry in this page, or in a new tab with a modifier key. */
export function InPageLink({ query, onOpen, className, children }: LinkProps) {
  const onClick = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    onOpen();
  };
  return (
    <a href={`?${query}`} onClick={onClick} className={className}>
      {children}
    </a>
  );
}

type PathProps = {
  readonly steps: readonly Step[];
  readonly label: string;
  /** Appended to each step's query. */
  readonly query: string;
  readonly onStep: (step: Step) => void;
};

/** A path of departments, each a link into the tree. */
export function Path({ steps, label, query, onStep }: PathProps) {
  const t = useTranslations("directory");
  return (
    <nav aria-label={label}>
      <ol className={classes.path}>
        {steps.map((step, index) => (
          <li key={step.id}>
            <InPageLink query={`node=${step.id}${query}`} onOpen={() => onStep(step)}>
              <DisplayName name={step.name} nameless={t("nameless")} />
            </InPageLink>
            {step.isRemoved && <span className={classes.removedStep}>{t("removed")}</span>}
            {index < steps.length - 1 && <IconChevronRight size={12} aria-hidden />}
          </li>
        ))}
      </ol>
    </nav>
  );
}
