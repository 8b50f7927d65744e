//! What DynamoDB and the network do to us.
