"""One file for each CloudFormation resource type the pipeline is made of."""
