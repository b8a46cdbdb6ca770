//! The contract that every interceptor keeps to.

use interceptor_new_thing::NewThingFactory;
use interceptor_test::check_interceptor;

check_interceptor!(NewThingFactory::default());
