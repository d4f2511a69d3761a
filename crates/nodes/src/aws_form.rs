//! The rows that nodes of Amazon's services share, and the service made of them.

use flowstone_core::{
    Input, Inputs, Result,
    spec::{Choice, CredentialSlot},
};
use flowstone_providers::{HttpClient, aws::Service};

/// The credential as a slot is called on these nodes.
pub(crate) const CREDENTIAL: CredentialSlot =
    CredentialSlot { label: "AWS Credential", ..CredentialSlot::optional(&["awsApi"]) };
/// The same of tools, which need one.
pub(crate) const TOOL_CREDENTIAL: CredentialSlot =
    CredentialSlot { label: "AWS Credentials", ..CredentialSlot::required(&["awsApi"]) };

/// Where a model runs.
pub(crate) const REGION: Input<String> =
    Input::async_options("Region", "region", "listRegions").default("us-east-1");
/// Where a tool's service is.
pub(crate) const TOOL_REGION: Input<String> =
    Input::options("AWS Region", "region", REGIONS).default("us-east-1");

const REGIONS: &[Choice] = &[
    Choice::new("us-east-1", "US East (N. Virginia) - us-east-1"),
    Choice::new("us-east-2", "US East (Ohio) - us-east-2"),
    Choice::new("us-west-1", "US West (N. California) - us-west-1"),
    Choice::new("us-west-2", "US West (Oregon) - us-west-2"),
    Choice::new("af-south-1", "Africa (Cape Town) - af-south-1"),
    Choice::new("ap-east-1", "Asia Pacific (Hong Kong) - ap-east-1"),
    Choice::new("ap-south-1", "Asia Pacific (Mumbai) - ap-south-1"),
    Choice::new("ap-northeast-3", "Asia Pacific (Osaka) - ap-northeast-3"),
    Choice::new("ap-northeast-2", "Asia Pacific (Seoul) - ap-northeast-2"),
    Choice::new("ap-southeast-1", "Asia Pacific (Singapore) - ap-southeast-1"),
    Choice::new("ap-southeast-2", "Asia Pacific (Sydney) - ap-southeast-2"),
    Choice::new("ap-northeast-1", "Asia Pacific (Tokyo) - ap-northeast-1"),
    Choice::new("ca-central-1", "Canada (Central) - ca-central-1"),
    Choice::new("eu-central-1", "Europe (Frankfurt) - eu-central-1"),
    Choice::new("eu-west-1", "Europe (Ireland) - eu-west-1"),
    Choice::new("eu-west-2", "Europe (London) - eu-west-2"),
    Choice::new("eu-south-1", "Europe (Milan) - eu-south-1"),
    Choice::new("eu-west-3", "Europe (Paris) - eu-west-3"),
    Choice::new("eu-north-1", "Europe (Stockholm) - eu-north-1"),
    Choice::new("me-south-1", "Middle East (Bahrain) - me-south-1"),
    Choice::new("sa-east-1", "South America (São Paulo) - sa-east-1"),
];

/// The service that a form names, at its usual address or at `address`.
pub(crate) fn service(
    inputs: &Inputs,
    region: &Input<String>,
    kind: (&str, &'static str),
    address: Option<&str>,
) -> Result<Service> {
    let region = region_of(inputs, region)?;
    let http = inputs.services.get::<HttpClient>()?;
    let service = Service::of(http, inputs.credential()?, &region, kind)?;
    Ok(match address.map(str::trim).filter(|it| !it.is_empty()) {
        Some(address) => service.at(address),
        None => service,
    })
}

/// The region of a form. It becomes part of an address, so it must look like one.
pub(crate) fn region_of(inputs: &Inputs, row: &Input<String>) -> Result<String> {
    let region = inputs.get(row)?.trim().to_owned();
    let fits = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
    if region.is_empty() || !region.chars().all(fits) {
        let reason = "a region such as eu-west-1 is expected";
        return Err(flowstone_core::Error::invalid(&row.field, reason));
    }
    Ok(region)
}
