// The browser tab's title.
import { useEffect } from "react";
import { useTranslation } from "react-i18next";

/** Sets the tab's title to `title`, followed by the product's name. */
export function useTitle(title: string | undefined): void {
  const { t } = useTranslation();
  const product = t("product");
  useEffect(() => {
    document.title = title ? `${title} · ${product}` : product;
  }, [title, product]);
}
