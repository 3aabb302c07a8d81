"use client";

import { Button, type ButtonProps } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "./link";

type Props = ButtonProps & { readonly href: string; readonly children: ReactNode };

/** A link styled as a button. Server components can't pass `component={Link}` to Mantine's button themselves. */
export function LinkButton(props: Props) {
  return <Button component={Link} {...props} />;
}
