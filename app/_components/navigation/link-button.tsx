"use client";

import { Button, type ButtonProps } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "./link";

type Props = ButtonProps & { readonly href: string; readonly children: ReactNode };

/** A link that looks like a button: server components can't hand a component to Mantine's own. */
export function LinkButton(props: Props) {
  return <Button component={Link} {...props} />;
}
