"""What tests of surveys share: made-up groups, and an auditor of what is published of them."""
