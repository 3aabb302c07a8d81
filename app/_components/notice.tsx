import type { ReactNode } from "react";
import classes from "./notice.module.css";

type Props = {
  readonly tone: "positive" | "caution" | "danger" | "active" | "neutral";
  readonly role?: "status" | "alert";
  readonly children: ReactNode;
};

/** A sentence in its place on the page, in the tone of what it says. */
export function Notice({ tone, role, children }: Props) {
  return (
    <div
      className={classes.notice}
      data-tone={tone}
      role={role}
      tabIndex={-1}
      data-form-alert={role === "alert" || undefined}
    >
      {children}
    </div>
  );
}
