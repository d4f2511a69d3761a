//! Stripe (docs.stripe.com/api).

use flowstone_core::{
    Input, Inputs, Result, Spec,
    spec::{Choice, CredentialSlot},
};
use futures::{FutureExt, future::BoxFuture};
use serde_json::json;

use super::actions::{Action, Argument, Connection, Draft, Given, Group, ServiceTools, SignIn};

const PAYMENT_LINKS: Input<Vec<String>> =
    row("Payment Links", "paymentLinks", "What the model may do with links to pay by");
const PRODUCTS: Input<Vec<String>> =
    row("Products", "products", "What the model may do with products");
const PRICES: Input<Vec<String>> =
    row("Prices", "prices", "What the model may do with prices of products");
const BALANCE: Input<Vec<String>> =
    row("Balance", "balance", "A balance can only be read; the other choices add no tool");
const INVOICE_ITEMS: Input<Vec<String>> =
    row("Invoice Items", "invoiceItems", "What the model may do with what invoices are about");
const INVOICES: Input<Vec<String>> =
    row("Invoices", "invoices", "What the model may do with invoices");
const CUSTOMERS: Input<Vec<String>> =
    row("Customers", "customers", "What the model may do with customers");

const fn row(label: &'static str, name: &'static str, about: &'static str) -> Input<Vec<String>> {
    let mut it = Input::multi_options(label, name, CHOICES).describe(about).additional();
    it.field.optional = true;
    it
}

const CHOICES: &[Choice] = &[
    Choice::new("create", "Create"),
    Choice::new("update", "Update"),
    Choice::new("read", "Read"),
];

static SPEC: Spec = Spec {
    label: "StripeAgentTool",
    name: "stripeAgentTool",
    version: 1.0,
    kind: "stripeAgentTool",
    icon: "payment-service.svg",
    category: "Tools",
    description: "Lets a model work with products, customers, invoices and more at Stripe",
    base_classes: &["stripeAgentTool", "Tool"],
    badge: Some("BETA"),
    credential: Some(CredentialSlot::required(&["stripeApi"])),
    inputs: &[
        PAYMENT_LINKS.field,
        PRODUCTS.field,
        PRICES.field,
        BALANCE.field,
        INVOICE_ITEMS.field,
        INVOICES.field,
        CUSTOMERS.field,
    ],
    ..Spec::EMPTY
};

const GROUPS: &[Group] = &[
    Group { kind: "", row: &PAYMENT_LINKS, actions: OF_PAYMENT_LINKS },
    Group { kind: "", row: &PRODUCTS, actions: OF_PRODUCTS },
    Group { kind: "", row: &PRICES, actions: OF_PRICES },
    Group { kind: "", row: &BALANCE, actions: OF_BALANCE },
    Group { kind: "", row: &INVOICE_ITEMS, actions: OF_INVOICE_ITEMS },
    Group { kind: "", row: &INVOICES, actions: OF_INVOICES },
    Group { kind: "", row: &CUSTOMERS, actions: OF_CUSTOMERS },
];

/// The node.
pub(crate) static NODE: ServiceTools = ServiceTools::new(&SPEC, None, GROUPS, connect);

fn connect(inputs: &Inputs) -> BoxFuture<'_, Result<Connection>> {
    async move {
        let key = inputs.credential()?.require("stripeApiToken", "Stripe API Token")?.to_owned();
        let address = ("https://api.stripe.com", "/v1/");
        let connection = Connection::new("Stripe", address, "stripeApi", SignIn::Bearer(key));
        Ok(Connection { sends_forms: true, ..connection })
    }
    .boxed()
}

const MOST: Argument = Argument::whole("limit", "How many are listed at most, up to 100");
const ACTIVE: Argument = Argument::flag("active", "Whether it can be used");
const QUANTITY: Argument = Argument::whole("quantity", "How many");
const OF_CUSTOMER: Argument = Argument::text("customer", "The id of the customer, such as cus_123");
const OF_INVOICE: Argument = Argument::text("invoice", "The id of the invoice, such as in_123");
const OF_PRICE: Argument = Argument::text("price", "The id of the price, such as price_123");
const OF_PRODUCT: Argument = Argument::text("product", "The id of the product, such as prod_123");
const AMOUNT: Argument =
    Argument::whole("unit_amount", "The price in the smallest unit of the currency, such as cents");
const CURRENCY: Argument = Argument::text("currency", "The currency, such as eur");
const NAME: Argument = Argument::text("name", "The name");
const ABOUT: Argument = Argument::text("description", "What is said about it");
const MAIL: Argument = Argument::text("email", "The address of the customer");
const DAYS: Argument =
    Argument::whole("days_until_due", "In how many days the invoice is to be paid");

const OF_PAYMENT_LINKS: &[Action] = &[
    Action {
        choice: "create",
        name: "create_payment_link",
        description: "Makes a link by which a price is paid",
        arguments: &[OF_PRICE.required().aside(), QUANTITY.required().aside()],
        made: Some(one_line),
        ..Action::post("payment_links")
    },
    Action {
        choice: "update",
        name: "update_payment_link",
        description: "Opens or closes a link to pay by",
        arguments: &[
            Argument::text("payment_link", "The id of the link, such as plink_123").required(),
            ACTIVE.required(),
        ],
        ..Action::post("payment_links/{payment_link}")
    },
    Action {
        choice: "read",
        name: "list_payment_links",
        description: "Lists links to pay by",
        arguments: &[MOST, ACTIVE],
        ..Action::get("payment_links")
    },
];

const OF_PRODUCTS: &[Action] = &[
    Action {
        choice: "create",
        name: "create_product",
        description: "Makes a product",
        arguments: &[NAME.required(), ABOUT],
        ..Action::post("products")
    },
    Action {
        choice: "update",
        name: "update_product",
        description: "Changes a product; what is not said stays as it is",
        arguments: &[OF_PRODUCT.required(), NAME, ABOUT, ACTIVE],
        ..Action::post("products/{product}")
    },
    Action {
        choice: "read",
        name: "list_products",
        description: "Lists products",
        arguments: &[MOST, ACTIVE],
        ..Action::get("products")
    },
];

const OF_PRICES: &[Action] = &[
    Action {
        choice: "create",
        name: "create_price",
        description: "Gives a product a price",
        arguments: &[OF_PRODUCT.required(), AMOUNT.required(), CURRENCY.required()],
        ..Action::post("prices")
    },
    Action {
        choice: "update",
        name: "update_price",
        description: "Opens or closes a price, or gives it a name of its own",
        arguments: &[
            OF_PRICE.required(),
            ACTIVE,
            Argument::text("nickname", "What the price is called; customers do not see it"),
        ],
        ..Action::post("prices/{price}")
    },
    Action {
        choice: "read",
        name: "list_prices",
        description: "Lists prices, of one product where that is said",
        arguments: &[OF_PRODUCT, MOST, ACTIVE],
        ..Action::get("prices")
    },
];

const OF_BALANCE: &[Action] = &[Action {
    choice: "read",
    name: "retrieve_balance",
    description: "Reads how much the account holds",
    ..Action::get("balance")
}];

const OF_INVOICE_ITEMS: &[Action] = &[
    Action {
        choice: "create",
        name: "create_invoice_item",
        description: "Puts something with a price on an invoice",
        arguments: &[
            OF_CUSTOMER.required(),
            OF_PRICE.required().sent_as("pricing/price"),
            OF_INVOICE.required(),
        ],
        ..Action::post("invoiceitems")
    },
    Action {
        choice: "update",
        name: "update_invoice_item",
        description: "Changes what is on an invoice that is still open",
        arguments: &[
            Argument::text("invoice_item", "The id of the item, such as ii_123").required(),
            ABOUT,
            QUANTITY,
        ],
        ..Action::post("invoiceitems/{invoice_item}")
    },
    Action {
        choice: "read",
        name: "list_invoice_items",
        description: "Lists what is on invoices, of one customer or one invoice where that is said",
        arguments: &[OF_CUSTOMER, OF_INVOICE, MOST],
        ..Action::get("invoiceitems")
    },
];

const OF_INVOICES: &[Action] = &[
    Action {
        choice: "create",
        name: "create_invoice",
        description: "Makes an invoice for a customer, still without anything on it",
        arguments: &[OF_CUSTOMER.required(), DAYS],
        made: Some(sent_by_mail),
        ..Action::post("invoices")
    },
    Action {
        choice: "update",
        name: "finalize_invoice",
        description: "Closes an invoice, which can then be paid and no more be changed",
        arguments: &[OF_INVOICE.required()],
        ..Action::post("invoices/{invoice}/finalize")
    },
    Action {
        choice: "read",
        name: "list_invoices",
        description: "Lists invoices, of one customer where that is said",
        arguments: &[OF_CUSTOMER, MOST],
        ..Action::get("invoices")
    },
];

const OF_CUSTOMERS: &[Action] = &[
    Action {
        choice: "create",
        name: "create_customer",
        description: "Makes a customer",
        arguments: &[NAME.required(), MAIL],
        ..Action::post("customers")
    },
    Action {
        choice: "update",
        name: "update_customer",
        description: "Changes a customer; what is not said stays as it is",
        arguments: &[OF_CUSTOMER.required(), NAME, MAIL, ABOUT],
        ..Action::post("customers/{customer}")
    },
    Action {
        choice: "read",
        name: "list_customers",
        description: "Lists customers, those with an address where that is said",
        arguments: &[MOST, MAIL],
        ..Action::get("customers")
    },
];

fn one_line(given: &Given, draft: &mut Draft) {
    let line = json!({"price": given.value("price"), "quantity": given.value("quantity")});
    draft.put("line_items", json!([line]));
}

/// An invoice that names a day to be paid by is one that is sent; Stripe takes it for no other.
fn sent_by_mail(given: &Given, draft: &mut Draft) {
    draft.put("collection_method", "send_invoice");
    if given.value("days_until_due").is_none() {
        draft.put("days_until_due", 30);
    }
}
