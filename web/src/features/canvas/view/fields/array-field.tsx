// A list of items, each with the same fields: add, copy, move, take away.
import { ArrowDown, ArrowUp, ChevronRight, Copy, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { asObject, asText, type JsonObject } from "~/lib/json";
import { Button } from "~/ui/button";
import { isUnset, listOf, paramsIn, plainText } from "../../model/fields";
import { defaultsOf } from "../../model/make-node";
import type { Param } from "../../model/node-data";
import type { FormScope } from "./types";
import { useInnerErrors } from "./use-inner-errors";

interface ArrayFieldProps {
  id: string;
  param: Param;
  value: unknown;
  scope: FormScope;
  onChange: (items: JsonObject[]) => void;
}

export function ArrayField({ id, param, value, scope, onChange }: ArrayFieldProps) {
  const { t } = useTranslation("canvas");
  const params = paramsIn(param.definition["array"]);
  const items = isUnset(value) ? [] : listOf(value).map(asObject).filter((item) => item !== null);
  const [closed, setClosed] = useState<ReadonlySet<number>>(new Set());
  const innerErrors = useInnerErrors(scope);
  const Form = scope.form;
  const most = Number(param.definition["maxItems"] ?? Number.POSITIVE_INFINITY);
  const least = Number(param.definition["minItems"] ?? 0);
  const add = () => onChange([...items, firstDefaults(params)]);
  const replace = (index: number, item: JsonObject) => onChange(items.with(index, item));
  const move = (index: number, to: number) => {
    const item = items[index];
    if (item && to >= 0 && to < items.length) onChange(items.toSpliced(index, 1).toSpliced(to, 0, item));
  };
  return (
    <div id={id} role="group" aria-label={param.label} tabIndex={-1} className="flex flex-col gap-2 outline-none">
      {items.map((item, index) => {
        const isClosed = closed.has(index);
        const title = t("inspector.item", { number: index + 1 });
        const name = headline(params, item);
        // The items of a list are looked up by their place: `conditions[$index].type`.
        const root = scope.path === "" ? { ...scope.root, [param.name]: items } : scope.root;
        return (
          // oxlint-disable-next-line react/no-array-index-key -- items have no identity but their place
          <div key={index} role="group" aria-label={title} className="rounded-md border border-line">
            <div className={cx("flex items-center gap-0.5 ps-1.5 pe-1", !isClosed && "border-b border-line")}>
              <button
                type="button"
                aria-expanded={!isClosed}
                onClick={() => {
                  const next = new Set(closed);
                  if (!next.delete(index)) next.add(index);
                  setClosed(next);
                }}
                className="flex min-w-0 flex-1 items-center gap-1.5 rounded-sm py-1.5 text-start text-sm"
              >
                <ChevronRight aria-hidden className={cx("size-4 shrink-0 text-muted transition-transform duration-120", !isClosed && "rotate-90")} />
                <span className="shrink-0 text-muted">{title}</span>
                {isClosed && <span className="truncate text-ink">{name}</span>}
              </button>
              {!scope.readOnly && (
                <>
                  <Button variant="ghost" size="icon-sm" aria-label={t("array.up", { item: title })} disabled={index === 0} onClick={() => move(index, index - 1)}>
                    <ArrowUp aria-hidden />
                  </Button>
                  <Button variant="ghost" size="icon-sm" aria-label={t("array.down", { item: title })} disabled={index === items.length - 1} onClick={() => move(index, index + 1)}>
                    <ArrowDown aria-hidden />
                  </Button>
                  <Button variant="ghost" size="icon-sm" aria-label={t("array.copy", { item: title })} disabled={items.length >= most} onClick={() => onChange(items.toSpliced(index, 0, structuredClone(item)))}>
                    <Copy aria-hidden />
                  </Button>
                  <Button variant="ghost" size="icon-sm" aria-label={t("array.remove", { item: title })} disabled={items.length <= least} onClick={() => onChange(items.toSpliced(index, 1))}>
                    <Trash2 aria-hidden />
                  </Button>
                </>
              )}
            </div>
            {!isClosed && (
              <div className="p-3">
                <Form params={params} values={item} scope={{ ...scope, root, index, path: `${scope.path}${param.name}.${index}.`, pins: undefined, errors: innerErrors(params, item, root, index) }} onChange={(values) => replace(index, { ...item, ...values })} />
              </div>
            )}
          </div>
        );
      })}
      {!scope.readOnly && (
        <Button size="sm" className="self-start" disabled={items.length >= most} onClick={add}>
          <Plus aria-hidden />
          {t("array.add", { label: param.label })}
        </Button>
      )}
    </div>
  );
}

/** Of several fields under one name the first one's default. */
function firstDefaults(params: readonly Param[]): JsonObject {
  return defaultsOf(params.filter((param, index) => params.findIndex((other) => other.name === param.name) === index).map((param) => param.definition));
}

function headline(params: readonly Param[], item: JsonObject): string {
  return params.flatMap((param) => plainText(asText(item[param.name]) ?? "").split("\n")[0] || []).slice(0, 2).join(" · ");
}
