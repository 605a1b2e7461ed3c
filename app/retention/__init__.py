"""保存期限与销毁: how long each class of records is kept, and how what is due is destroyed."""
